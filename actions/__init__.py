"""The hands: each action finds facts in the library and says which utterance to use; none writes a sentence."""
