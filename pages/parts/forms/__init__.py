"""What a person fills in or chooses from: settings, names, questions, entities, files."""
