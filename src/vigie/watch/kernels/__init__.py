"""Hot loops of the watch: pairs in conflict, ways into volumes, ground below."""
