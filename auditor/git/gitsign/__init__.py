"""Signatures made with gitsign: keyless X.509 by Sigstore, checked without the network against the operator's roots."""
