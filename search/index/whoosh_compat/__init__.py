"""The codec and the table of contents by which Whoosh opens our index. The only package that imports whoosh."""
