"""A live cluster, read and never written: who is asked for, how it is asked, what it serves, every kind page by page."""
