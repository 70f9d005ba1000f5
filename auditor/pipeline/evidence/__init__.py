"""What rules on changes rest on: refs, signatures, forges, people, and the texts of controls."""
