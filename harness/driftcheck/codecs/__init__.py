"""
Codecs: encoding, mutations and features of payloads.
"""
