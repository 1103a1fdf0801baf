"""What the engine runs on: settings, connections, embedded servers, logging, encryption.

Nothing is imported here, so that a workflow may import `juanchi.runtime.attributes` without
loading the rest of the room.
"""
