"""`make cluster`: the whole chain on one machine, without containers, to look at and to try."""
