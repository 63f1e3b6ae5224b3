"""The ear: understands what a citizen typed. Knows nothing of channels, catalogues or portals."""
