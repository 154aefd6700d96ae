// The room's first file; it goes when the room has others.
