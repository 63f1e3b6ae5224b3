"""Turns utterances (a name and facts) into replies in the citizen's language."""
