"""Other answers to the exercises of Clase 104."""

import pytest

from tests.attempts import right, suite, wrong
from tests.exercises import attempts_104_tensorboard

PAGE = "clases/104-callbacks-tensorboard-guardar-y-restaurar"

BEST = """
model = build_net()
history = model.fit(
    x_train, y_train, epochs=40, validation_data=(x_val, y_val), verbose=0,
    callbacks=[
        keras.callbacks.EarlyStopping(patience=3{stop}),
        keras.callbacks.ModelCheckpoint("best.keras"{save}),
    ],
)
best = {best}
best_epoch = {epoch}
best_loss = best.evaluate(x_val, y_val, verbose=0)
last_loss = model.evaluate(x_val, y_val, verbose=0)
"""
ONLY, LOAD = ", save_best_only=True", 'keras.models.load_model("best.keras")'
ARGMIN = 'int(np.argmin(history.history["val_loss"])) + 1'

RATE = """
model = build_net()
history = model.fit(
    x_train, y_train, epochs=20, validation_data=(x_val, y_val), verbose=0,
    callbacks=[{callback}],
)
rates = history.history["learning_rate"]
figure, axes = plt.subplots()
axes.{draw}
"""
PLATEAU = "keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=3, min_lr=1e-6)"

CSV = """
class CsvLog(keras.callbacks.Callback):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_train_begin(self, logs=None):
        with open(self.path, "{mode}") as file:
            file.write("epoch,loss,val_loss,learning_rate\\n")

    def on_epoch_begin(self, epoch, logs=None):
        self.rate = float(self.model.optimizer.learning_rate)

    def on_epoch_end(self, epoch, logs=None):
        rate = {rate}
        row = [epoch + {first}, logs["loss"], {val}, rate]
        with open(self.path, "a") as file:
            file.write(",".join(map(str, row)) + "\\n")
"""
CSV_RIGHT = {"mode": "w", "rate": "self.rate", "first": 1, "val": 'logs.get("val_loss", "")'}

RESUME = """
def state_of(net):
    return [np.array(keras.ops.convert_to_numpy(v)) for v in net.optimizer.variables]

model = build_net()
train(model, epochs=10)
model.save("ejercicio5.keras")
restored = keras.models.load_model("ejercicio5.keras")
{between}
state_before, state_after = state_of(model), state_of(restored)
history = train(restored, {epochs})
"""

SAVER = """
def careful_saver(path, x, y):
    return ModelCheckpoint(path{arguments})
"""

PENDING = """
import json

def pending_epoch(folder):
    path = Path(folder) / "training_metadata.json"
    if not path.exists():
        return {missing}
    return {found}
"""

STOPS = """
def stops_after(values, patience):
    best, waited = {start}, 0
    for epoch, value in enumerate(values, start=1):
        waited = 0 if value {better} best else waited + 1
        best = {best}
        if waited and waited >= patience:
            return epoch
    return {never}
"""
STOPS_RIGHT = {
    "start": "math.inf",
    "better": "<",
    "best": "min(best, value)",
    "never": "len(values)",
}

ATTEMPTS = [
    # 1: lo que hay en best.keras ---------------------------------------------------------
    right(
        1,
        "la época, buscada en la lista",
        BEST.format(
            stop="",
            save=ONLY,
            best=LOAD,
            epoch='history.history["val_loss"].index(min(history.history["val_loss"])) + 1',
        ),
    ),
    right(
        1,
        "monitor y modo dichos, y la época que cuenta el optimizador",
        BEST.format(
            stop=', monitor="val_loss"',
            save=ONLY + ', monitor="val_loss", mode="min"',
            best=LOAD,
            epoch="int(best.optimizer.iterations) // math.ceil(len(x_train) / 32)",
        ),
    ),
    wrong(
        1,
        "la época contada desde 0",
        "contando desde 1",
        BEST.format(stop="", save=ONLY, best=LOAD, epoch='int(np.argmin(history.history["val_loss"]))'),
    ),
    wrong(
        1,
        "el modelo en memoria",
        "es el mismo objeto que model",
        BEST.format(stop="", save=ONLY, best="model", epoch=ARGMIN),
    ),
    wrong(
        1,
        "sin save_best_only",
        "no es el de la mejor época",
        BEST.format(stop="", save="", best=LOAD, epoch=ARGMIN),
    ),
    wrong(
        1,
        "con restore_best_weights",
        "acá no va restore_best_weights",
        BEST.format(stop=", restore_best_weights=True", save=ONLY, best=LOAD, epoch=ARGMIN),
    ),
    # 3: dibujar la tasa ------------------------------------------------------------------
    right(3, "con semilogy", RATE.format(callback=PLATEAU, draw="semilogy(range(20), rates)")),
    right(
        3,
        "anotada al empezar cada época",
        """
        rates = []

        class Note(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                rates.append(float(self.model.optimizer.learning_rate))

        model = build_net()
        history = model.fit(
            x_train, y_train, epochs=20, validation_data=(x_val, y_val), verbose=0,
            callbacks=[ReduceLROnPlateau(patience=3, factor=0.5, min_lr=1e-6), Note()],
        )
        axes = plt.figure().add_subplot()
        axes.plot(np.arange(1, 21), rates, "o-")
        axes.set(yscale="log", xlabel="época")
        """,
    ),
    wrong(
        3,
        "el factor de fábrica",
        "no son las de factor=0.5",
        RATE.format(
            callback=PLATEAU.replace("factor=0.5", "factor=0.1"), draw="semilogy(range(20), rates)"
        ),
    ),
    wrong(
        3,
        "mira la pérdida de entrenamiento",
        "val_loss",
        RATE.format(
            callback=PLATEAU.replace("(factor", '(monitor="loss", factor'),
            draw="semilogy(range(20), rates)",
        ),
    ),
    wrong(
        3,
        "sin escala logarítmica",
        "escala logarítmica",
        RATE.format(callback=PLATEAU, draw="step(range(20), rates)"),
    ),
    wrong(
        3,
        "dibuja la pérdida",
        "ninguna línea con las 20 tasas",
        RATE.format(callback=PLATEAU, draw='semilogy(history.history["val_loss"])'),
    ),
    # 4: un CSV propio --------------------------------------------------------------------
    right(4, "con write y join", CSV.format(**CSV_RIGHT)),
    right(
        4,
        "reescribe el archivo entero en cada época",
        """
        class CsvLog(keras.callbacks.Callback):
            def __init__(self, path):
                super().__init__()
                self.path = Path(path)

            def on_train_begin(self, logs=None):
                self.rows = ["epoch,loss,val_loss,learning_rate"]
                self.path.write_text(self.rows[0])

            def on_epoch_begin(self, epoch, logs=None):
                self.used = float(self.model.optimizer.learning_rate)

            def on_epoch_end(self, epoch, logs=None):
                val = "" if "val_loss" not in logs else logs["val_loss"]
                self.rows.append(f"{epoch + 1},{logs['loss']},{val},{self.used}")
                self.path.write_text("\\n".join(self.rows))
        """,
    ),
    wrong(
        4,
        "la tasa, leída al final",
        "la que se usó",
        CSV.format(**{**CSV_RIGHT, "rate": "float(self.model.optimizer.learning_rate)"}),
    ),
    wrong(4, "desde 0", "Las épocas se cuentan desde 1", CSV.format(**{**CSV_RIGHT, "first": 0})),
    wrong(4, "agrega al archivo viejo", "eran 3", CSV.format(**{**CSV_RIGHT, "mode": "a"})),
    wrong(
        4,
        "val_loss sin get",
        "Sin datos de validación falla",
        CSV.format(**{**CSV_RIGHT, "val": 'logs["val_loss"]'}),
    ),
    wrong(
        4,
        "escribe al final",
        "no está al día",
        """
        class CsvLog(keras.callbacks.Callback):
            def __init__(self, path):
                super().__init__()
                self.path = path

            def on_train_begin(self, logs=None):
                self.rows = [["epoch", "loss", "val_loss", "learning_rate"]]

            def on_epoch_begin(self, epoch, logs=None):
                self.rate = float(self.model.optimizer.learning_rate)

            def on_epoch_end(self, epoch, logs=None):
                self.rows.append([epoch + 1, logs["loss"], logs.get("val_loss", ""), self.rate])

            def on_train_end(self, logs=None):
                with open(self.path, "w", newline="") as file:
                    csv.writer(file).writerows(self.rows)
        """,
    ),
    # 5: retomar y demostrarlo ------------------------------------------------------------
    right(
        5,
        "con una función",
        RESUME.format(between="", epochs="epochs=15, initial_epoch=10"),
    ),
    right(
        5,
        "con numpy() de cada variable, en dos bucles",
        """
        model = build_net()
        train(model, epochs=4)
        train(model, 10, 4)
        model.save("ejercicio5.keras")
        restored = keras.saving.load_model("ejercicio5.keras")
        state_before, state_after = [], []
        for mine, theirs in zip(model.optimizer.variables, restored.optimizer.variables):
            state_before.append(np.array(mine.numpy()))
            state_after.append(np.array(theirs.numpy()))
        history = train(restored, 15, 10)
        """,
    ),
    wrong(
        5,
        "compila de nuevo",
        "¿compilaste de nuevo",
        RESUME.format(
            between='restored.compile("adam", "sparse_categorical_crossentropy")',
            epochs="epochs=15, initial_epoch=10",
        ),
    ),
    wrong(
        5,
        "hasta la 5",
        "hasta la 15",
        RESUME.format(between="", epochs="epochs=5, initial_epoch=10"),
    ),
    wrong(5, "numera desde 0", "numeralas desde 10", RESUME.format(between="", epochs="epochs=5")),
    wrong(
        5,
        "el estado de después",
        "antes de seguir entrenando",
        RESUME.format(
            between="train(restored, epochs=11, initial_epoch=10)", epochs="epochs=15, initial_epoch=11"
        ),
    ),
    wrong(
        5,
        "los pesos en lugar del estado",
        "son los pesos de la red",
        RESUME.format(between="", epochs="epochs=15, initial_epoch=10").replace(
            "net.optimizer.variables", "net.weights"
        ),
    ),
    # 6: no pisar el mejor ----------------------------------------------------------------
    right(
        6,
        "con try",
        """
        def careful_saver(path, x, y):
            try:
                values = keras.models.load_model(path).evaluate(x, y, verbose=0)
            except ValueError:
                values = [None]
            return ModelCheckpoint(
                path, monitor="val_loss", mode="min", save_best_only=True,
                initial_value_threshold=values[0],
            )
        """,
    ),
    right(
        6,
        "con la media de los errores",
        """
        import os

        def careful_saver(path, x, y):
            saver = ModelCheckpoint(path, save_best_only=True)
            if os.path.isfile(path):
                net = keras.saving.load_model(path)
                error = np.abs(net.predict(x, verbose=0) - y).mean()
                saver = ModelCheckpoint(
                    path, save_best_only=True, initial_value_threshold=float(error)
                )
            return saver
        """,
    ),
    wrong(6, "sin valor inicial", "Pisó el archivo", SAVER.format(arguments=", save_best_only=True")),
    wrong(6, "guarda todas", "No quedó la mejor época", SAVER.format(arguments="")),
    wrong(
        6,
        "valor inicial fijo en 0",
        "tiene que guardar desde la primera",
        SAVER.format(arguments=", save_best_only=True, initial_value_threshold=0.0"),
    ),
    wrong(
        6,
        "el mínimo posible si hay archivo",
        "No guardó un modelo mejor",
        SAVER.format(
            arguments=", save_best_only=True, initial_value_threshold="
            "0.0 if Path(path).exists() else None"
        ),
    ),
    # 7: ¿hay un corte pendiente? ---------------------------------------------------------
    right(
        7, "con get", PENDING.format(missing="None", found='json.loads(path.read_text()).get("epoch")')
    ),
    right(
        7,
        "con try",
        """
        from json import load

        def pending_epoch(folder):
            try:
                with open(f"{folder}/training_metadata.json") as file:
                    return int(load(file)["epoch"])
            except OSError:
                pass
        """,
    ),
    wrong(
        7,
        "cuenta una de más",
        "al retomar empezó por",
        PENDING.format(missing="None", found='json.loads(path.read_text())["epoch"] + 1'),
    ),
    wrong(
        7,
        "0 sin carpeta",
        "devolvé None",
        PENDING.format(missing="0", found='json.loads(path.read_text())["epoch"]'),
    ),
    # 8: contar como EarlyStopping --------------------------------------------------------
    right(8, "con min", STOPS.format(**STOPS_RIGHT)),
    right(
        8,
        "con la posición de la mejor hasta cada época",
        """
        def stops_after(values, patience):
            for ran in range(1, len(values) + 1):
                best = values.index(min(values[:ran])) + 1
                if ran > best and ran - best >= patience:
                    return ran
            return len(values)
        """,
    ),
    wrong(
        8,
        "compara con la anterior",
        "el mejor",
        STOPS.format(**{**STOPS_RIGHT, "best": "value"}),
    ),
    wrong(
        8, "empatar como mejora", "empatar no mejora", STOPS.format(**{**STOPS_RIGHT, "better": "<="})
    ),
    wrong(
        8,
        "no vuelve a cero",
        "a 0 de nuevo",
        STOPS.format(**STOPS_RIGHT).replace(
            "waited = 0 if value < best else waited + 1", "waited += value >= best"
        ),
    ),
    wrong(8, "None si no corta", "nunca corta", STOPS.format(**{**STOPS_RIGHT, "never": "None"})),
]
ATTEMPTS += attempts_104_tensorboard.ATTEMPTS

pytestmark = pytest.mark.slow  # one page of exercises is judged in every run

test_judged, test_complete, test_messages = suite(PAGE, ATTEMPTS)
