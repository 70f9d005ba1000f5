"""Renders folders of a tree with the real programs, away from the network and from the machine."""
