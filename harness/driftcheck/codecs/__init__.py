"""
Codecs: encoding, mutations and features of payloads.

A kind of document that takes several modules is a package; what all kinds share stands beside the packages.
"""
