"""What can be wrong with a file that is said to hold a committee."""

from __future__ import annotations

# code -> what the person at the terminal reads; {what} is a name inside the file, or a count.
FAULTS = {
    "not_zip": "This is no zip file, or it is not whole: {what}.",
    "foreign_name": "The file holds something that no export has: {what}.",
    "doubled": "The file holds the same name twice: {what}.",
    "encrypted": "The file is encrypted or packed in a way that no export is: {what}.",
    "key": "The file can't be opened: {what}.",
    "plain": "A key is set (NENNEP_BACKUP_KEY), this is not sealed, and the database does not know it: {what}. "
    "If it is from before the key, and nobody else can write there, run this once without the key.",
    "bomb": "The file would unpack to far more than an export of its size ever holds: {what}.",
    "no_manifest": "There is no manifest.json in the file, so it is no export of a committee.",
    "manifest": "manifest.json can't be read: {what}.",
    "newer": "The file was made by a newer version of this program ({what}). Update first.",
    "missing": "The manifest names a file that is not there: {what}.",
    "unlisted": "The file holds something that SHA256SUMS does not name: {what}.",
    "broken": "The bytes are not those that were exported: {what}.",
    "lie": "The manifest does not say what the file holds: {what}.",
    "elsewhere": "A row names files of another committee or of the platform: {what}.",
    "columns": "The tables are not those of the version that the manifest names: {what}.",
    "unfit": "The rows do not fit together: {what}.",
    "differs": "What was put back is not what was exported: {what}.",
}


class WrongFile(Exception):
    """This file can't be trusted, or not be put back here. ``code`` is one of FAULTS."""

    def __init__(self, code: str, what: object = "") -> None:
        self.code, self.what = code, str(what)[:300]
        super().__init__(FAULTS[code].format(what=self.what))
