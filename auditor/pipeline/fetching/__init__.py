"""Fetches charts into the operator's folder: the only part of rendering that goes to the network."""
