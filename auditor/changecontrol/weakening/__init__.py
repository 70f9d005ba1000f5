"""What it means to loosen a control, one file a kind of control; each compares two versions by their meaning."""
