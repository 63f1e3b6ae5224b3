"""Joins the rooms: the command line, the application, conversations, storage and wording."""
