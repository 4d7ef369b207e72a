"""Numbers that the kernels of every device share: the modulus and its Montgomery constants."""

P = 2**31 - 2**24 + 1
"""The KoalaBear prime. p - 1 = 2^24 * 127."""

GENERATOR = 3
"""Generates the multiplicative group."""

TWO_ADICITY = 24
"""2^24 divides p - 1, and no higher power of two does."""

MONTGOMERY_BITS = 32
"""Arrays hold x * R mod p with R = 2^32."""

MONTGOMERY_ONE = 2**32 % P
"""R mod p: the number 1 in Montgomery form."""

MONTGOMERY_SQUARE = 2**64 % P
"""R^2 mod p: multiplying by it puts a number into Montgomery form."""

P_INVERSE = pow(P, -1, 2**32)
"""p^-1 mod R. The reduction of x is (x - (x * p^-1 mod R) * p) / R."""

DEGREE = 5
"""Of K = F[X] / (X^5 + X^2 - 1) over F."""

QUINTIC_FROBENIUS = (
    (
        (1, 0, 0, 0, 0),
        (1576402667, 1173144480, 1567662457, 1206866823, 2428146),
        (1680345488, 1381986, 615237464, 1380104858, 295431824),
        (441230756, 323126830, 704986542, 1445620072, 503505220),
        (1364444097, 1144738982, 2008416047, 143367062, 1027410849),
    ),
    (
        (1, 0, 0, 0, 0),
        (361322221, 1970254932, 446925412, 2022674657, 1632465862),
        (38642385, 43998532, 505661721, 64403975, 183375883),
        (606751683, 704817071, 1858809488, 1011252806, 1228083580),
        (29971245, 1609062143, 1047268670, 49952075, 774243406),
    ),
)
"""The images of 1, X, ..., X^4 in F[X] / (X^5 + X^2 - 1) under the p-th and the p^2-th power, canonical."""


def root_of_unity(log_order: int) -> int:
    """The root of unity of order 2^log_order, log_order in 0..24; its square is the one of half the order."""
    if not 0 <= log_order <= TWO_ADICITY:
        raise ValueError(f"KoalaBear has roots of unity of order 2^0 to 2^{TWO_ADICITY}, not 2^{log_order}")
    return pow(GENERATOR, (P - 1) >> log_order, P)
