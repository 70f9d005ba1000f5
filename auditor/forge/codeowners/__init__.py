"""The dialects of CODEOWNERS, one file each."""
