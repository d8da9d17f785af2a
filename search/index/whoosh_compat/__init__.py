"""What Whoosh needs to open our index. The only package that imports whoosh."""
