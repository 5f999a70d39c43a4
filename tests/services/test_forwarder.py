"""x"""
async def test_basic(bench):
    e = await bench.create_experiment("a")
    run = await bench.create_run(e)
    for i in range(3):
        assert (await bench.log(run, i)).status == 200
    await bench.settled()
    assert await bench.states() == ["mirrored"]*5
    (twin,) = bench.green.store.twins_of(run)
    assert twin != run
    assert bench.green.store.points(twin) == [0,1,2]
    for r in bench.green.requests: print(r.method, r.path)
