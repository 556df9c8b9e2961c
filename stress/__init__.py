"""What takes minutes to show: promises that hold in a million attempts, and not in a thousand by luck."""
