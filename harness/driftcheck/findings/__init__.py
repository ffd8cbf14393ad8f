"""A finding's life after it was shrunk: kept in a file, printed, run again."""
