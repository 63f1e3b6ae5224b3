"""What is measured, with the command that measures it: ``python -m benchmarks``."""
