using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>Every kind of shared object, between clients and between processes, over a real daemon.</summary>
public sealed class SharedStateTests(SharedDaemon shared) : IClassFixture<SharedDaemon>, IAsyncLifetime
{
    private QueuedClient _one = null!;
    private QueuedClient _two = null!;

    private FaultDaemon Daemon { get; } = shared.Daemon;

    public Task InitializeAsync()
    {
        _one = new QueuedClient(new QueuedClientOptions { Address = $"unix:{Daemon.Socket}" });
        _two = new QueuedClient(new QueuedClientOptions { Address = $"unix:{Daemon.Socket}" });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task A_lock_is_held_by_one_client_until_it_is_disposed_of()
    {
        ulong token;
        await using (var grant = await _one.Lock("x").AcquireAsync())
        {
            token = grant.FencingToken;
            Assert.Null(await _two.Lock("x").TryAcquireAsync());
            await Assert.ThrowsAsync<TimeoutException>(
                () => _two.Lock("x").AcquireAsync(TimeSpan.FromMilliseconds(10)));
            Assert.False(grant.Lost.IsCancellationRequested);
        }

        await using var next = await _two.Lock("x").TryAcquireAsync();
        Assert.True(next!.FencingToken > token);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_line()
    {
        await using var grant = await _one.Lock("c").AcquireAsync();
        using var cancel = new CancellationTokenSource();
        var waiting = _two.Lock("c").AcquireAsync(cancellationToken: cancel.Token);
        await WaitingAsync("c", 1);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await WaitingAsync("c", 0);
    }

    [Fact]
    public async Task More_wait_for_a_lock_than_a_session_has_credits_and_all_are_served()
    {
        // The end of the client gives the handle back: where this fails nothing can be sent.
        var door = _one.Lock("door");
        var patience = TimeSpan.FromMinutes(1);
        var held = await door.AcquireAsync();
        var waits = Enumerable.Range(0, 9000).Select(async _ =>
        {
            await using var grant = await door.AcquireAsync();
        }).ToArray();

        await held.ReleaseAsync().WaitAsync(patience);

        await Task.WhenAll(waits).WaitAsync(patience);
    }

    [Fact]
    public async Task A_revoked_grant_is_lost_with_its_next_operation()
    {
        var grant = await _one.Lock("r").AcquireAsync();
        Assert.Equal(grant.FencingToken, await _two.States.RevokeAsync("r"));
        await Assert.ThrowsAsync<GrantLostException>(() => grant.ExtendAsync(TimeSpan.FromMinutes(1)));
        Assert.True(grant.Lost.IsCancellationRequested);
        await Assert.ThrowsAsync<GrantLostException>(() => grant.ReleaseAsync());
    }

    [Fact]
    public async Task A_lease_that_ends_is_told_by_the_token()
    {
        await using var grant = await _one.Lock("leased").AcquireAsync(lease: TimeSpan.FromMilliseconds(50));
        var lost = new TaskCompletionSource();
        await using var registration = grant.Lost.Register(lost.SetResult);
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await using var next = await _two.Lock("leased").AcquireAsync();
        Assert.True(next.FencingToken > grant.FencingToken);
    }

    [Fact]
    public async Task A_reentrant_lock_is_its_handles()
    {
        await using var handle = _one.RLock("re");
        await using var other = _one.RLock("re");
        var outer = await handle.AcquireAsync();
        var inner = await handle.AcquireAsync();
        Assert.Equal(outer.FencingToken, inner.FencingToken);
        Assert.Null(await other.TryAcquireAsync());
        await inner.ReleaseAsync();
        Assert.Null(await _two.RLock("re").TryAcquireAsync());
        await outer.ReleaseAsync();
        await using var grant = await other.TryAcquireAsync();
        Assert.NotNull(grant);
    }

    [Fact]
    public async Task A_semaphore_counts_and_signals()
    {
        await using (await _one.Semaphore("s", 2).AcquireAsync())
        await using (await _two.Semaphore("s", 2).AcquireAsync())
        {
            Assert.Null(await _two.Semaphore("s", 2).TryAcquireAsync());
        }

        var signal = _one.Semaphore("beats", 0);
        var heard = signal.TakeAsync();
        await _two.Semaphore("beats", 0).ReleaseAsync(2);
        Assert.True(await heard);
        Assert.True(await signal.TakeAsync());
        Assert.False(await signal.TakeAsync(TimeSpan.Zero));
        var refused = await Assert.ThrowsAsync<PreconditionFailedException>(
            () => _one.BoundedSemaphore("bounded", 3).ReleaseAsync());
        Assert.Equal("PERMITS_EXCEEDED", refused.Reason);
    }

    [Fact]
    public async Task An_event_wakes_all()
    {
        var waits = new[] { _one.Event("go").WaitAsync(), _two.Event("go").WaitAsync() };
        Assert.False(await _two.Event("go").WaitAsync(TimeSpan.FromMilliseconds(10)));
        await _one.Event("go").SetAsync();
        Assert.All(await Task.WhenAll(waits), Assert.True);
        Assert.True(await _two.Event("go").IsSetAsync());
        await _two.Event("go").ClearAsync();
        Assert.False(await _one.Event("go").IsSetAsync());
    }

    [Fact]
    public async Task A_condition_tells_of_a_change()
    {
        var condition = _one.Condition("changed");
        await using var grant = await condition.AcquireAsync();
        var before = grant.FencingToken;
        var ready = 0;
        var waiting = condition.WaitForAsync(grant, _ => ValueTask.FromResult(Volatile.Read(ref ready) == 2));
        var other = _two.Condition("changed");
        for (var round = 1; round <= 2; round++)
        {
            await using (await other.AcquireAsync())
            {
                Volatile.Write(ref ready, round);
                Assert.Equal(1, await other.NotifyAllAsync());
            }
        }

        Assert.True(await waiting);
        Assert.True(grant.FencingToken > before);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => condition.WaitAsync(grant, cancellationToken: cancel.Token));
        Assert.Null(await other.TryAcquireAsync());
        Assert.False(await condition.WaitAsync(grant, TimeSpan.FromMilliseconds(10)));
        await grant.ReleaseAsync();
        await Assert.ThrowsAsync<GrantLostException>(() => condition.WaitAsync(grant));
        await Assert.ThrowsAsync<PreconditionFailedException>(() => condition.NotifyAsync());
    }

    [Fact]
    public async Task A_barrier_lets_all_go_together()
    {
        var places = await Task.WhenAll(
            _one.Barrier("b", 3).WaitAsync(), _two.Barrier("b", 3).WaitAsync(), _two.Barrier("b", 3).WaitAsync());
        Assert.Equal([0, 1, 2], places.Order());
        await Assert.ThrowsAsync<BarrierBrokenException>(
            () => _one.Barrier("b", 3).WaitAsync(TimeSpan.FromMilliseconds(10)));
        await Assert.ThrowsAsync<BarrierBrokenException>(() => _two.Barrier("b", 3).WaitAsync());
        await _one.Barrier("b", 3).ResetAsync();
        var waiting = _one.Barrier("b", 3).WaitAsync();
        await WaitingAsync("b", 1);
        await _two.Barrier("b", 3).AbortAsync();
        await Assert.ThrowsAsync<BarrierBrokenException>(() => waiting);
    }

    [Fact]
    public async Task A_counter_is_changed_in_one_step()
    {
        var counter = _one.Counter("n", 10);
        Assert.Equal(11, await counter.AddAsync());
        Assert.Equal(11, await _two.Counter("n", 10).CompareExchangeAsync(20, expected: 11));
        Assert.Equal(20, await counter.CompareExchangeAsync(30, expected: 11));
        await counter.SetAsync(5);
        Assert.Equal(5, await _two.Counter("n", 10).GetAsync());
        await Assert.ThrowsAsync<InvalidRequestException>(() => counter.AddAsync(long.MaxValue));
        await Assert.ThrowsAsync<ConflictException>(() => _two.Counter("n", 11).GetAsync());
        await Assert.ThrowsAsync<PreconditionFailedException>(() => _two.Event("n").SetAsync());
    }

    [Fact]
    public async Task A_value_is_updated_by_many_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            (number % 2 == 0 ? _one : _two).Value<int>("sum").UpdateAsync(sum => sum + number)));
        var read = await _one.Value<int>("sum").ReadAsync();
        Assert.Equal(new VersionedValue<int>(190, 20), read);
        Assert.False(await _two.Value<int>("sum").TrySetAsync(0, read.Version - 1));
        await _one.Value<byte[]>("raw").SetAsync([1, 2, 3]);
        Assert.Equal(new byte[] { 1, 2, 3 }, (await _two.Value<ReadOnlyMemory<byte>>("raw").GetAsync()).ToArray());
        Assert.Null(await _one.Value<string>("unset").GetAsync());
        await Assert.ThrowsAsync<InvalidRequestException>(
            () => _one.Value<byte[]>("raw").SetAsync(new byte[(1024 * 1024) + 1]));
        await Assert.ThrowsAsync<UnreadableResultException>(() => _one.Value<string>("raw").GetAsync());
    }

    [Fact]
    public async Task An_array_is_read_and_written_in_ranges()
    {
        var array = _one.Array<double>("a", 5);
        await array.WriteAsync(1, new[] { 1.5, 2.5 });
        Assert.Equal(new[] { 0, 1.5, 2.5, 0, 0 }, await _two.Array<double>("a", 5).ReadAsync());
        Assert.True(await array.TryWriteAsync(2, new[] { 3.5 }, new[] { 2.5 }));
        Assert.False(await array.TryWriteAsync(2, new[] { 4.5 }, new[] { 2.5 }));
        Assert.Equal(3.5, await array.GetAsync(2));
        await array.SetAsync(4, 9);
        Assert.Equal(new double[] { 9 }, await array.ReadAsync(4));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => array.ReadAsync(5, 1));
        await Assert.ThrowsAsync<ConflictException>(() => _two.Array<double>("a", 6).ReadAsync());
    }

    [Fact]
    public async Task A_map_is_as_a_dictionary()
    {
        var map = _one.Map<int>("m");
        await map.SetManyAsync(Enumerable.Range(0, 1000).Select(n => KeyValuePair.Create($"{n:d4}", n)));
        await map.SetAsync("x", 1);
        Assert.Equal(1001, await _two.Map<int>("m").CountAsync());
        Assert.Equal(7, await _two.Map<int>("m").GetAsync("0007"));
        Assert.False(await map.TryAddAsync("x", 2));
        var entry = await map.FindAsync("x");
        Assert.True(await map.TrySetAsync("x", 2, entry!.Version));
        Assert.False(await map.TrySetAsync("x", 3, entry.Version));
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => map.UpdateAsync("x", old => old + 1)));
        Assert.Equal(12, (await map.RemoveAsync("x"))!.Value);
        Assert.Null(await map.RemoveAsync("x"));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => map.GetAsync("x"));
        var values = new List<int>();
        await foreach (var item in map.EntriesAsync()) values.Add(item.Value);
        Assert.Equal(Enumerable.Range(0, 1000), values);
        await map.ClearAsync();
        Assert.Equal(0, await map.CountAsync());
    }

    [Fact]
    public async Task A_list_is_as_a_list()
    {
        var list = _one.List<string>("l");
        await list.AddRangeAsync(Enumerable.Range(0, 2500).Select(n => $"{n}"));
        Assert.Equal(2500, await _two.List<string>("l").CountAsync());
        var items = new List<string>();
        await foreach (var item in _two.List<string>("l").ItemsAsync()) items.Add(item);
        Assert.Equal(Enumerable.Range(0, 2500).Select(n => $"{n}"), items);
        await list.SetAsync(0, "first");
        await list.InsertAsync(1, "second");
        await list.AddAsync("last");
        Assert.Equal(["first", "second", "1"], await list.GetRangeAsync(0, 3));
        Assert.Equal("last", await list.GetAsync(-1));
        Assert.Equal("last", await list.PopAsync());
        Assert.Equal("first", await list.PopAsync(0));
        Assert.Equal(["2498", "2499"], await list.RemoveRangeAsync(-2, 5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => list.GetAsync(9999));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => list.GetAsync(-9999));
        await Assert.ThrowsAsync<InvalidRequestException>(() => list.SetAsync(9999, "x"));
        await list.ClearAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => list.PopAsync());
    }

    [Fact]
    public async Task Processes_count_together_and_raise_a_value_under_a_lock()
    {
        var processes = Enumerable.Range(0, 3).Select(_ => SharingProcess.Start(Daemon)).ToArray();
        await using var counter = _one.Counter("of-all");
        await counter.GetAsync();
        await using var value = _one.Value<int>("raised");
        await value.GetAsync();
        await Task.WhenAll(processes.Select(process => process.AskAsync("add of-all 200")));
        await Task.WhenAll(processes.Select(process => process.AskAsync("raise raised 100")));
        Assert.Equal(600, await counter.GetAsync());
        Assert.Equal(300, await value.GetAsync());
        foreach (var process in processes) await process.DisposeAsync();
    }

    [Fact]
    public async Task Ten_thousand_locks_are_held_at_once_and_free_again_with_their_client()
    {
        const int count = 10_000;
        var grants = await Task.WhenAll(Enumerable.Range(0, count).Select(n => _one.Lock($"many-{n}").AcquireAsync()));
        Assert.Equal(count, grants.Select(grant => grant.FencingToken).Distinct().Count());
        Assert.Null(await _two.Lock("many-5000").TryAcquireAsync());
        Assert.Equal(count, await CountAsync());
        await _one.DisposeAsync();
        await using var grant = await _two.Lock("many-5000").AcquireAsync();
        await Eventually.IsAsync(async () => await CountAsync() == 1, "gone but for one");
    }

    [Fact]
    public async Task An_object_goes_with_its_last_handle_unless_it_is_kept()
    {
        var first = _one.Counter("goes");
        var second = _one.Counter("goes");
        await first.AddAsync();
        await second.AddAsync();
        await first.DisposeAsync();
        Assert.NotNull(await _two.States.FindAsync("goes"));
        await second.DisposeAsync();
        Assert.Null(await _two.States.FindAsync("goes"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => second.GetAsync());

        await using (var kept = _one.Counter("stays", keep: true)) await kept.AddAsync();
        Assert.Equal(1, (await _two.States.FindAsync("stays"))!.Value);
        await _two.States.DeleteAsync("stays");
        await Assert.ThrowsAsync<StateNotFoundException>(() => _two.States.DeleteAsync("stays"));
    }

    private async Task<int> CountAsync()
    {
        var count = 0;
        await foreach (var state in _two.States.ListAsync([StateKind.Lock]))
            count += state.Name.StartsWith("many-", StringComparison.Ordinal) ? 1 : 0;
        return count;
    }

    private Task<StateInfo> WaitingAsync(string name, int count) => Eventually.BecomesAsync(
        () => _one.States.FindAsync(name), state => state?.Waiting == count, $"{count} waiting for {name}");
}
