"""The Zalo official account: the webhook, what is sent, and the access that has to be renewed every day."""
