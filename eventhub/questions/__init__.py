"""What an audience says in a session: moderated questions with votes, and polls. For those afar and on site alike."""
