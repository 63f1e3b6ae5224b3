"""Notices of officials to citizens: campaigns, whom they reach, and the ledger of what was sent."""
