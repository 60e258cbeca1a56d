"""The ASTERIX definitions as data, one file per category with all its editions; made by ``builders/asterix.py``."""
