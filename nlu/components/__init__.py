"""Rasa graph components: thin wrappers that carry messages through ``nlu.vietnamese`` and the intent model."""
