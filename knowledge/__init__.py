"""The library: procedures, dossiers and the portals that know about them."""
