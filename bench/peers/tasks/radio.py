"""NumPy and SciPy on the radio's work: products, factorizations, solves, normals, drops."""
import numpy as np

from . import task

rng = np.random.default_rng(1)


def gaussian(*shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def hermitian(n, count):
    x = gaussian(count, n, n)
    return x @ x.conj().swapaxes(1, 2) + n * np.eye(n)


@task
def sgemm(n):
    a, b = (rng.standard_normal((n, n)).astype(np.float32) for _ in range(2))
    c = np.empty_like(a)
    return f"NumPy {np.__version__} matmul", lambda: np.matmul(a, b, out=c)


@task
def zgemm(n):
    a, b = gaussian(n, n), gaussian(n, n)
    c = np.empty_like(a)
    return f"NumPy {np.__version__} matmul", lambda: np.matmul(a, b, out=c)


@task
def zpotrf(n, count):
    """One call a matrix, each overwritten by its factor after a copy, as ours."""
    import scipy
    from scipy.linalg import lapack

    source = [np.asfortranarray(a) for a in hermitian(n, count)]
    work = [np.empty_like(a) for a in source]

    def call():
        for a, w in zip(source, work):
            w[...] = a
            lapack.zpotrf(w, lower=1, clean=0, overwrite_a=1)

    return f"SciPy {scipy.__version__} zpotrf", call


@task
def cholesky(n, count):
    a = hermitian(n, count)
    return f"NumPy {np.__version__} batched cholesky", lambda: np.linalg.cholesky(a)


@task
def zpotrs(n, m, count):
    import scipy
    from scipy.linalg import lapack

    factors = [lapack.zpotrf(np.asfortranarray(a), lower=1)[0] for a in hermitian(n, count)]
    source = [np.asfortranarray(gaussian(n, m)) for _ in range(count)]
    work = [np.empty_like(b) for b in source]

    def call():
        for l, b, w in zip(factors, source, work):
            w[...] = b
            lapack.zpotrs(l, w, lower=1, overwrite_b=1)

    return f"SciPy {scipy.__version__} zpotrs", call


@task
def normals(count):
    out = np.empty(count)
    generator = np.random.Generator(np.random.Philox(1))
    return f"NumPy {np.__version__} normals (Philox)", lambda: generator.standard_normal(out=out)


@task
def drops(clients, side, antennas, pilots, count):
    """Closed-form rates of many drops at once, simpler than ours: random pilots, no choice of them, no checks."""
    K, L, N = clients, side * side, antennas
    spacing = 1000 / side
    grid = (np.arange(side) + 0.5) * spacing
    ap = (grid[:, None] + 1j * grid[None, :]).reshape(-1)
    snr = 10 ** ((20 + 94) / 10)

    def call():
        place = 1000 * (rng.random((count, K)) + 1j * rng.random((count, K)))
        apart = np.abs(place[:, :, None] - ap[None, None, :])
        apart = np.minimum(apart, 1000 - apart)
        distance = np.sqrt(apart * apart + 100)
        beta = 10 ** ((-30.5 - 36.7 * np.log10(distance) + 4 * rng.standard_normal(distance.shape)) / 10)
        pilot = rng.integers(pilots, size=(count, K))
        same = pilot[:, :, None] == pilot[:, None, :]
        load = pilots * snr * (same @ beta) + 1
        gamma = pilots * snr * beta * beta / load
        amplitude = gamma.sum(2)
        interference = gamma @ beta.swapaxes(1, 2)
        coherent = same * ((gamma / beta) @ beta.swapaxes(1, 2)) ** 2
        own = amplitude**2
        rest = N * coherent.sum(2) - N * own + interference.sum(2) + amplitude / snr
        return np.log2(1 + N * own / rest)

    return f"NumPy {np.__version__} vectorized, simpler", call
