"""Names and their variants: the other spellings and other names by which a name in a query is searched for as well.

- `variants.txt`: the list of variants that comes with Stemma
- `synonyms`: reads that list, and files of synonyms in Solr's format
- `name_list`: looks up the variants of a name
- `transliteration`: names in Cyrillic, Greek and Arabic letters to Latin ones, and back
- `name_expansion`: adds the variants to the lexemes of a query
- `variant_matcher`: tells which of them a paragraph was found by
- `names`: the list in force, with the file of synonyms of the settings, which is read again when it changes
"""
