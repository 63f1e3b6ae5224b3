"""Vietnamese as people type it: pure functions over text, without Rasa."""
