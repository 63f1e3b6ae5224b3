"""The portals: one vendor's quirks fenced in one file each, all answering with the same ``Dossier``."""
