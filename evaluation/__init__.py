"""How well the assistant understands: questions with labels, a judge, figures, and calibration."""
