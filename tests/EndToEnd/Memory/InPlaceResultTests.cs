using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Memory;

/// <summary>Large results that the client reads where they are, of real workers.</summary>
public sealed class InPlaceResultTests : IAsyncLifetime
{
    private const int Length = 1024 * 1024;

    private FaultDaemon _daemon = null!;
    private FaultPool _pool = null!;

    public async Task InitializeAsync()
    {
        _daemon = await FaultDaemon.StartAsync();
        _pool = await _daemon.AddPoolAsync(1);
    }

    public async Task DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _daemon.DisposeAsync();
    }

    [Theory]
    [InlineData("echo", 0)]
    [InlineData("add-one-raw", 1)]
    public async Task Every_byte_is_there_and_the_same_segments_carry_one_result_after_the_other(
        string handler, int added)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var payload = new byte[Length];
            new Random(seed).NextBytes(payload);
            var expected = payload.Select(value => (byte)(value + added)).ToArray();
            ReadOnlyMemory<byte> kept = default;

            Assert.True(await _daemon.Client.RunAsync(
                handler,
                new TaskPayload(payload),
                result =>
                {
                    kept = result.Data;
                    return result.Data.Span.SequenceEqual(expected);
                },
                new SubmitOptions { Queue = _pool.Name }));
            Assert.Throws<ObjectDisposedException>(() => kept.Span[0]);
        }

        // The word that one is free may come when the next was made.
        var count = await _daemon.Client.Memory.ListAsync().CountAsync();
        Assert.True(count <= 4, $"There are {count} segments.");
    }

    [Fact]
    public async Task A_reader_sees_its_result_though_others_are_made_meanwhile()
    {
        var options = new SubmitOptions { Queue = _pool.Name };
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(seed =>
        {
            var payload = new byte[Length];
            new Random(seed).NextBytes(payload);
            return _daemon.Client.RunAsync(
                "echo", new TaskPayload(payload), result => result.Data.Span.SequenceEqual(payload), options);
        }));

        Assert.DoesNotContain(false, results);
    }
}
