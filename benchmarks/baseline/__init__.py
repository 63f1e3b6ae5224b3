"""The opponent: what `rasa init` makes, taught our questions, served as Rasa's documentation says."""
