from odoo.exceptions import ValidationError
from odoo.http import request

MOST_FILES = 10
# A form with files may be this large on its way in (bytes; files go to the disk, not to memory), so that the answer is
# our sentence on the page that was filled in, with what was typed. Beyond it the server answers 413.
LARGEST_FORM = 512 * 1024 * 1024


def sent_files(name):
    """Return the checked files of a field of the form, as a list of :class:`~..uploads.Upload`; empty when none came.

    :param str name: of the field
    :raise ValidationError: says what is wrong with which file; none is kept then
    """
    env = request.env
    files = [file for file in request.httprequest.files.getlist(name) if file.filename]
    if len(files) > MOST_FILES:
        raise ValidationError(env._("Send at most %s files at once.", MOST_FILES))
    most = env["aptic.upload"]._limits().size
    return [env["aptic.upload"]._checked(file.stream.read(most + 1), file.filename) for file in files]
