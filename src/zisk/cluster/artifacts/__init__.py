"""Large payloads: a content-addressed store on disk and its transfer over gRPC."""
