"""What recipes return: frozen records with one JSON form, readable without any model."""
