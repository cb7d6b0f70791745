"""Ways to the outside: signed webhooks, MQTT, and the heartbeat whose absence an outside monitor notices."""
