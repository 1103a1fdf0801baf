"""Made-up messages of three subjects, for models that learn in a moment."""

import random
from functools import cache

from juanchi.domain.models import ModelKind
from juanchi.intake.learning.texts import TextModel

SUBJECTS = {
    "road-hole": ("路面坑洼", "坑很深", "车轮陷进去", "马路塌了"),
    "lamp": ("路灯不亮", "晚上漆黑", "灯杆坏了", "一片黑暗"),
    "bin-full": ("垃圾桶满了", "垃圾成堆", "臭气熏天", "没人清运"),
}
_WHERE = ("小区门口", "学校旁边", "公交站边", "菜市场里", "河边")
_MORE = ("请尽快处理", "反映好几次了", "希望领导重视", "谢谢", "大家意见很大")


def lessons(count: int = 150, seed: int = 1, wrong: float = 0.0) -> list[tuple[str, str, str]]:
    """So many messages, each with its label and a group; a share of the labels is wrong."""
    chance = random.Random(seed)
    found = []
    for at in range(count):
        label = chance.choice(list(SUBJECTS))
        said = [chance.choice(_WHERE), *chance.sample(SUBJECTS[label], 2), chance.choice(_MORE)]
        if chance.random() < wrong:
            label = chance.choice(list(SUBJECTS))
        found.append(("，".join(said), label, f"g{at}"))
    return found


@cache
def learned(kind: ModelKind = ModelKind.ITEM) -> TextModel:
    """A model of these items."""
    return TextModel.train(kind, lessons())
