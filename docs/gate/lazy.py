def gcd(a, b):
    def steps(a, b):
        yield a
        while b:
            a, b = b, a % b
            yield a

    return list(steps(a, b))[-1]
