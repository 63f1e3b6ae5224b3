"""The doors: each channel verifies, parses, draws and sends; none knows the rest of the house."""
