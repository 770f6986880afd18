"""Scripts behind the figures of docs/, each run by a make target on a folder. Not installed."""
