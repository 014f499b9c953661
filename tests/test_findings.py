"""What is wrong with a value can be told in another language."""

import pytest
from pydantic import ValidationError

from core.errors import SettingsError
from core.findings import FINDINGS, finding_of
from core.settings import DistillSettings, checked
from pages.parts.catalogues import catalogue


@pytest.mark.parametrize(
    ("wrong", "english", "chinese"),
    [
        ({"epochs": 0}, "greater than or equal to 1 (given: 0)", "应大于或等于 1（给出：0）"),
        ({"alpha": "x"}, "unable to parse string as a number", "无法把文本读作数（给出：'x'）"),
        ({"targets": "all"}, "Input should be 'exact', ", "应为 'exact', 'sequence' or 'top'"),
        ({"width": 3}, "unknown to this version of PathDistill (given: 3)", "不认识设置 'width'"),
        ({"teacher": "a\0"}, "cannot hold NUL", "文本中不能有 NUL"),
        ({"student": "a\0"}, "none of them a control character", "且不含控制字符"),
    ],
)
def test_a_wrong_setting_is_told_in_chinese(wrong, english, chinese):
    with pytest.raises(SettingsError) as caught:
        checked(DistillSettings, {"name": "s", "teacher": "t", **wrong})
    assert english in str(caught.value)
    assert chinese in caught.value.told(catalogue("zh").gettext)


def test_what_nobody_foresaw_is_told_in_the_words_of_pydantic():
    with pytest.raises(ValidationError) as caught:
        DistillSettings(name="s", teacher="t", epochs=0)
    (error,) = caught.value.errors()
    assert finding_of({**error, "type": "new"}) == error["msg"]
    assert finding_of({**error, "ctx": {}}) == error["msg"]
    assert finding_of(error).template == FINDINGS["greater_than_equal"]
