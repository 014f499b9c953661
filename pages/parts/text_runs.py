"""Words of runs: states, stages, curves, live controls, the settings form, the page Runs."""

TEXT = {
    # --- states, stages, times ----------------------------------------------------------------
    "run.state.queued": ("Queued", "排队中"),
    "run.state.running": ("Running", "进行中"),
    "run.state.stopping": ("Stopping", "正在停止"),
    "run.state.succeeded": ("Finished", "已完成"),
    "run.state.stopped": ("Stopped", "已停止"),
    "run.state.failed": ("Failed", "失败"),
    "run.state.lost": ("Lost", "失去联系"),
    "run.stage.import": ("Import", "导入"),
    "run.stage.questions": ("Questions", "问题"),
    "run.stage.teacher": ("Teacher", "教师"),
    "run.stage.labels": ("Labels", "标签"),
    "run.stage.distil": ("Distil", "蒸馏"),
    "run.stage.evaluate": ("Evaluate", "评估"),
    "run.stage.ask": ("Ask", "提问"),
    "run.seconds": ("{seconds} s", "{seconds} 秒"),
    "run.minutes": ("{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒"),
    "run.hours": ("{hours} h {minutes} min", "{hours} 小时 {minutes} 分"),
    "run.left": ("about {left} left in this step", "这一步大约还需 {left}"),
    "run.starting": ("Starting", "正在启动"),
    "run.queued": (
        "The run is about to start in a process of its own.",
        "任务即将在自己的进程里开始。",
    ),
    "run.stopping": (
        "It will stop at the next safe point; this takes a moment.",
        "会在下一个安全的地方停下，请稍候。",
    ),
    "run.stopped": (
        "The run was stopped. What it had finished before that is kept; start again whenever you "
        "like.",
        "任务已停止。之前完成的部分都留着，随时可以重新开始。",
    ),
    "run.failed": ("The run failed.", "任务失败了。"),
    "run.advice.failed": (
        "What to do: mend what the sentence names and start again. The log below holds the "
        "details.",
        "怎么办：按上面的提示改正后重新开始。下方的日志里有细节。",
    ),
    "run.advice.lost": (
        "What to do: start again. If it happens twice, free some memory or take a smaller batch "
        "size.",
        "怎么办：重新开始即可。若再次发生，请腾出一些内存，或把批大小调小。",
    ),
    "run.stop": ("Stop", "停止"),
    "run.stop_sure": ("Stop this run?", "要停止这个任务吗？"),
    "run.stop_yes": ("Yes, stop it", "是的，停止"),
    "run.stop_no": ("Keep going", "继续进行"),
    "run.stop_hard": ("End it now", "立即结束"),
    "run.stop_hard_help": (
        "Ends the process at once, without waiting for a safe point.",
        "不等安全的地方，立刻结束进程。",
    ),
    "run.change_applied": ("{change} since step {step}", "{change}，从第 {step} 步起"),
    "run.change_waits": (
        "{key} → {value} waits for the next step",
        "{key} → {value} 等待下一步生效",
    ),
    "run.log": ("Log", "日志"),
    "run.log_since": ("Since {since}, the last 200 lines", "自 {since} 起，最后 200 行"),
    "run.log_empty": ("Nothing yet.", "还没有内容。"),
    # --- curves -------------------------------------------------------------------------------
    "curves.teacher_loss": ("Teacher: loss per epoch", "教师：每轮的损失"),
    "curves.teacher_hits": (
        "Teacher: share of dev questions answered right",
        "教师：开发集答对的比例",
    ),
    "curves.distil_loss": ("Student: loss per step", "学生：每步的损失"),
    "curves.distil_kl": (
        "Student: distance to the teacher (KL over paths, dev)",
        "学生：与教师的距离（开发集路径 KL）",
    ),
    "curves.distil_match": (
        "Student: share of dev paths said exactly",
        "学生：开发集路径完全说对的比例",
    ),
    "curve.teacher/loss": ("loss", "损失"),
    "curve.teacher/dev_hits_at_1": ("right on dev", "开发集答对"),
    "curve.distil/loss": ("total", "总损失"),
    "curve.distil/hard": ("gold paths (hard)", "标准路径（硬）"),
    "curve.distil/soft": ("soft labels", "软标签"),
    "curve.distil/choice": ("choice", "选择"),
    "curve.distil/validity": ("staying in the graph", "留在图谱内"),
    "curve.distil/dev_kl_path": ("KL", "KL"),
    "curve.distil/dev_path_exact_match": ("exact paths", "路径全对"),
    # --- live controls ------------------------------------------------------------------------
    "controls.title": ("Change it while it learns", "边学边调"),
    "controls.help": (
        "Each change takes effect at the next step, is confirmed below, and is drawn on the "
        "curves.",
        "每次改动在下一步生效，下方会确认，并画在曲线上。",
    ),
    "controls.alpha": (
        "1: gold paths only. 0: soft labels only.",
        "1：只学标准路径；0：只学软标签。",
    ),
    "controls.temperature": (
        "Above 1 the teacher's small probabilities count for more.",
        "大于 1 时，教师的小概率更受重视。",
    ),
    "controls.learning_rate": ("The size of the steps from now on.", "从现在起的步长。"),
    # --- settings form ------------------------------------------------------------------------
    "form.more": ("More settings", "更多设置"),
    "form.command": ("The same as a command", "等同的命令"),
    "form.submit": ("Start", "开始"),
    "form.choose": ("Choose", "请选择"),
    "form.missing": ("{field} is still empty: fill it in first.", "“{field}”还空着，请先填写。"),
    # --- asking the resident worker -----------------------------------------------------------
    "asking.warm": ("Thinking ...", "正在思考……"),
    "asking.cold": (
        "Waking the models; the first question takes a few seconds ...",
        "正在唤醒模型，第一个问题要等几秒钟……",
    ),
    # --- the page Runs ------------------------------------------------------------------------
    "runs.intro": (
        "Everything that takes a while runs here, in a process of its own: close the page and come "
        "back, it goes on.",
        "费时的事都在这里各自的进程里进行：关掉页面再回来，它仍在继续。",
    ),
    "runs.empty": (
        "Nothing has run yet. The tour runs the whole loop once on the sample graph, in a few "
        "minutes.",
        "还没有任务。导览会在示例图谱上完整走一遍，只要几分钟。",
    ),
    "runs.to_tour": ("Open the tour", "打开导览"),
    "runs.filter_state": ("State", "状态"),
    "runs.filter_recipe": ("Kind", "种类"),
    "runs.no_match": (
        "No run is like that; choose another filter.",
        "没有这样的任务，请换个筛选条件。",
    ),
    "runs.column.state": ("State", "状态"),
    "runs.column.run": ("Run", "任务"),
    "runs.column.kind": ("Kind", "种类"),
    "runs.column.started": ("Begun", "开始于"),
    "runs.column.duration": ("Took", "用时"),
    "runs.column.progress": ("Progress", "进度"),
    "runs.older": ("Show older runs", "显示更早的任务"),
    "runs.back": ("All runs", "全部任务"),
    "runs.settings": ("Settings", "设置"),
    "runs.result": ("Result", "结果"),
    "runs.events": ("What happened", "经过"),
    "runs.events_empty": ("No events yet.", "还没有事件。"),
    "runs.event.at": ("At", "时间"),
    "runs.event.kind": ("What", "事件"),
    "runs.event.said": ("Said", "内容"),
    "runs.setting": ("Setting", "设置项"),
    "runs.value": ("Value", "值"),
    "runs.open_result": ("Open what it made", "打开结果"),
    "runs.recipe.import_graph": ("Graph import", "导入图谱"),
    "runs.recipe.import_questions": ("Question import", "导入问题"),
    "runs.recipe.generate_questions": ("Question generation", "生成问题"),
    "runs.recipe.train_teacher": ("Teacher training", "训练教师"),
    "runs.recipe.label_questions": ("Labelling", "打标签"),
    "runs.recipe.distill_student": ("Distillation", "蒸馏"),
    "runs.recipe.evaluate": ("Evaluation", "评估"),
    "runs.recipe.run_demo": ("Tour", "导览"),
    "runs.recipe.answer_question": ("Question", "提问"),
    "runs.recipe.explain_question": ("Explanation", "推理演示"),
    "runs.recipe.compare_labels": ("Comparison", "标签对比"),
}
