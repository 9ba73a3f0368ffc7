"""Other answers to exercises 3, 4, 5, 8 and 9 of Clase 101; test_exercises_101.py judges them."""

from tests.attempts import right, wrong

NET = """
net = keras.Sequential(
    [
        keras.Input((784,)),
        layers.Dense(256, activation="relu"),
        layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
net.fit(x_train, y_train, epochs=5, batch_size=128, verbose=0)
test_accuracy = net.evaluate(x_test, y_test, verbose=0)[1]
said = net.predict(x_test, verbose=0).argmax(axis=1)
cm_test = np.zeros((10, 10), dtype=int)
np.add.at(cm_test, (y_test, said), 1)
wrong = cm_test - np.diag(np.diag(cm_test))
worst = np.unravel_index(wrong.argmax(), wrong.shape)
"""

FREE = """
free = build()
free.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
run = free.fit(x_few, y_few, validation_data=(x_val, y_val), epochs=30, batch_size=64, verbose=0)
log = run.history
turn = int(np.argmin(log["val_loss"])) + 1
rise = log["val_loss"][-1] / min(log["val_loss"])
"""

SAFE = """
stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
save = keras.callbacks.ModelCheckpoint("ejercicio5.keras", save_best_only=True)
safe, log = train([stop, save], epochs=50)
stopped = len(log["loss"])
from_file = keras.saving.load_model("ejercicio5.keras")
same = all(
    np.array_equal(a, b) for a, b in zip(safe.get_weights(), from_file.get_weights())
)
"""

LOSS_FOR = """
def loss_for(target, units):
    n = len(target)
    if target.shape == (n, units):
        return "categorical_crossentropy"
    if target.shape not in ((n,), (n, 1)):
        raise ValueError("forma")
    if target.min() < 0 or target.max() >= units:
        raise ValueError("rango")
    return "sparse_categorical_crossentropy"
"""

FIXED = """
labels = (y_signs + 1) // 2
fixed = keras.Sequential(
    [keras.Input((8,)), layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")]
)
fixed.compile("adam", "binary_crossentropy")
fixed.fit(x, labels, epochs=5, verbose=0)
cheap = int((fixed.predict(x_val, verbose=0) < 0.5).sum())
"""

ATTEMPTS = [
    # 3: las prendas, con dos capas ------------------------------------------------------
    right(
        3,
        "API Functional, one-hot, la matriz con un bucle",
        """
        inputs = keras.Input((784,))
        h = layers.Dense(256, "relu")(inputs)
        h = layers.Dense(128, "relu")(h)
        net = keras.Model(inputs, layers.Dense(10, "softmax")(h))
        net.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        net.fit(x_train, keras.utils.to_categorical(y_train, 10), epochs=5, verbose=0)
        test_accuracy = net.evaluate(
            x_test, keras.utils.to_categorical(y_test, 10), verbose=0, return_dict=True
        )["accuracy"]
        cm_test = [[0] * 10 for _ in range(10)]
        for real, said in zip(y_test, net.predict(x_test, verbose=0).argmax(1)):
            cm_test[real][said] += 1
        worst = max(
            ((i, j) for i in range(10) for j in range(10) if i != j),
            key=lambda at: cm_test[at[0]][at[1]],
        )
        """,
    ),
    right(
        3,
        "la matriz con bincount y el par con divmod",
        NET
        + """
cm_test = np.bincount(10 * y_test.astype(int) + said, minlength=100).reshape(10, 10)
worst = divmod(int(wrong.argmax()), 10)
""",
    ),
    wrong(3, "una capa menos", "esperábamos [256, 128, 10]", NET.replace("layers.Dense(128", "# (")),
    wrong(
        3,
        "la matriz traspuesta",
        "en las filas va lo que era",
        NET.replace("(y_test, said)", "(said, y_test)"),
    ),
    wrong(
        3,
        "suma con +=",
        "¿acumulaste con np.add.at?",
        NET.replace("np.add.at(cm_test, (y_test, said), 1)", "cm_test[y_test, said] += 1"),
    ),
    wrong(3, "la diagonal", "eso es un acierto", NET.replace("wrong.argmax()", "cm_test.argmax()")),
    wrong(
        3,
        "la pérdida en lugar de la exactitud",
        "¿es la de evaluate",
        NET.replace("verbose=0)[1]", "verbose=0)[0]"),
    ),
    wrong(
        3,
        "ocultas sin relu",
        "falta relu",
        NET.replace('layers.Dense(128, activation="relu")', "layers.Dense(128)"),
    ),
    wrong(3, "sin softmax", "falta softmax", NET.replace('"softmax"', '"sigmoid"')),
    wrong(3, "sin entrenar", "¿la entrenaste", NET.replace("net.fit(", "dict(x=").replace("x=x_train, y_train, ", "")),
    # 4: dónde empieza el sobreajuste ----------------------------------------------------
    right(4, "sin métricas, con min", FREE),
    right(
        4,
        "con CSV de números y un bucle",
        """
        free = keras.Sequential(
            [keras.Input((784,)), layers.Dense(128, "relu"), layers.Dense(10, "softmax")]
        )
        free.compile(
            keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"]
        )
        log = free.fit(x_few, y_few, 64, 30, verbose=0, validation_data=(x_val, y_val)).history
        turn, lowest = 0, float("inf")
        for epoch, value in enumerate(log["val_loss"], start=1):
            if value < lowest:
                turn, lowest = epoch, value
        rise = np.float32(log["val_loss"][-1] / lowest)
        """,
    ),
    wrong(4, "desde cero", "cuenta desde cero", FREE.replace(") + 1", ")")),
    wrong(4, "la mínima de entrenamiento", "val_loss es mínima", FREE.replace('argmin(log["val_loss"])', 'argmin(log["loss"])')),
    wrong(4, "frenada", "esperábamos 30", FREE.replace("epochs=30", "epochs=20")),
    wrong(4, "con las mil filas", "lotes de 64", FREE.replace("x_few, y_few", "x_train, y_train")),
    wrong(4, "una resta", "veces la mínima", FREE.replace('] / min', '] - min')),
    # 5: los mismos pesos que el archivo -------------------------------------------------
    right(
        5,
        "con todo a mano y la suma de diferencias",
        """
        watch = {"monitor": "val_loss", "mode": "min"}
        path = "ejercicio5.keras"
        safe, log = train(
            [
                keras.callbacks.ModelCheckpoint(path, save_best_only=True, **watch),
                keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True, **watch),
            ],
            50,
        )
        stopped = len(log["val_loss"])
        from_file = keras.models.load_model(path)
        off = [np.abs(a - b).sum() for a, b in zip(safe.get_weights(), from_file.get_weights())]
        same = sum(off) == 0
        """,
    ),
    right(
        5,
        "red propia, con np.array_equal en un bucle",
        """
        safe = keras.Sequential(
            [keras.Input((784,)), layers.Dense(64, "relu"), layers.Dense(10, "softmax")]
        )
        safe.compile("adam", "sparse_categorical_crossentropy")
        net = keras.callbacks.EarlyStopping("val_loss", patience=5, restore_best_weights=True)
        copy = keras.callbacks.ModelCheckpoint("ejercicio5.keras", save_best_only=True)
        run = safe.fit(
            x_train, y_train, epochs=50, verbose=0, callbacks=[net, copy],
            validation_data=(x_val, y_val),
        )
        log, stopped = run.history, len(run.epoch)
        from_file = keras.saving.load_model("ejercicio5.keras")
        same = True
        for a, b in zip(safe.get_weights(), from_file.get_weights()):
            if not np.array_equal(a, b):
                same = False
        """,
    ),
    wrong(5, "sin volver a la mejor", "¿devuelve los mejores pesos?", SAFE.replace("=5, restore_best_weights=True", "=5")),
    wrong(5, "guarda siempre", "¿guardó solo lo mejor?", SAFE.replace(", save_best_only=True", "")),
    wrong(5, "otra paciencia", "con paciencia 5", SAFE.replace("patience=5", "patience=2")),
    wrong(5, "no carga el archivo", "cargalo del archivo", SAFE.replace('keras.saving.load_model("ejercicio5.keras")', "safe")),
    wrong(5, "dice que no", "¿comparaste cada arreglo", SAFE + "same = safe is from_file\n"),
    # 8: qué pérdida va ------------------------------------------------------------------
    right(8, "la forma entera", LOSS_FOR),
    right(
        8,
        "por ejes, con un conjunto",
        """
        def loss_for(target, units):
            target = np.asarray(target)
            if target.ndim == 2 and target.shape[1] == units:
                return "categorical_crossentropy"
            if target.ndim > 2 or (target.ndim == 2 and target.shape[1] > 1):
                raise ValueError("no son enteros ni one-hot")
            if not set(target.ravel().tolist()) <= set(range(units)):
                raise ValueError("sobra una etiqueta")
            return "sparse_categorical_crossentropy"
        """,
    ),
    wrong(8, "sin mirar el rango", "enteros de 1 a 10", LOSS_FOR.replace("target.max() >= units", "False")),
    wrong(8, "un lugar de más", "enteros de 1 a 10", LOSS_FOR.replace(">= units", "> units")),
    wrong(8, "sin el mínimo", "enteros desde −1", LOSS_FOR.replace("target.min() < 0", "False")),
    wrong(8, "solo (n,)", "enteros (n, 1)", LOSS_FOR.replace("((n,), (n, 1))", "((n,),)")),
    wrong(8, "mira solo los ejes", "one-hot con 9 neuronas", LOSS_FOR.replace("target.shape == (n, units)", "target.ndim == 2 and target.shape[1] > 1")),
    wrong(8, "al revés", "sparse_categorical_crossentropy", LOSS_FOR.replace('"categorical', '"x').replace('"sparse_categorical', '"categorical')),
    # 9: un modelo con dos fallas --------------------------------------------------------
    right(9, "con la cuenta (y + 1) / 2", FIXED),
    right(
        9,
        "logits y una sigmoide después",
        """
        labels = np.where(y_signs == 1, 1.0, 0.0)[:, None]
        inputs = keras.Input((8,))
        scores = layers.Dense(1)(layers.Dense(24, "relu")(inputs))
        raw = keras.Model(inputs, scores)
        raw.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
        raw.fit(x, labels, epochs=6, verbose=0)
        fixed = keras.Model(inputs, layers.Activation("sigmoid")(scores))
        cheap = np.sum(raw.predict(x_val, verbose=0) < 0)
        """,
    ),
    wrong(9, "las etiquetas como vienen", "tienen que ser 0 y 1", FIXED.replace("(y_signs + 1) // 2", "y_signs")),
    wrong(9, "al revés", "no dice lo mismo", FIXED.replace("(y_signs + 1)", "(1 - y_signs)")),
    wrong(9, "softmax", "predice siempre 1", FIXED.replace('"sigmoid"', '"softmax"')),
    wrong(9, "sin activación", "falta sigmoide", FIXED.replace('layers.Dense(1, activation="sigmoid")', "layers.Dense(1)")),
    wrong(9, "dos neuronas", "una neurona de salida", FIXED.replace('Dense(1, activation="sigmoid")', 'Dense(2, activation="softmax")').replace("binary_", "sparse_categorical_")),
    wrong(9, "entrenado con las contrarias", "acierta", FIXED.replace("fit(x, labels", "fit(x, 1 - labels")),
    wrong(9, "cuenta las caras", "da menos de 0,5", FIXED.replace("< 0.5", "> 0.5")),
]  # fmt: skip
