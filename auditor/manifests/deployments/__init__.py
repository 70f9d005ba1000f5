"""What a tree deploys: who names what, what that renders to, and where each piece comes from."""
