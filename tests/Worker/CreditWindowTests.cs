using Queued.Worker.Runtime;

namespace Queued.Worker.Tests;

public sealed class CreditWindowTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMicroseconds(20);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void It_begins_with_the_slots()
    {
        var window = new CreditWindow(slots: 3, creditsMax: 1024);
        Assert.Equal(3, window.Grant());
        Assert.Equal(0, window.Grant());
    }

    [Fact]
    public void It_doubles_with_short_attempts_up_to_256()
    {
        var window = new CreditWindow(slots: 1, creditsMax: 1024);
        window.Grant();
        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256], Sizes(window, 2000));
    }

    [Fact]
    public void It_never_exceeds_what_the_daemon_allows()
    {
        var window = new CreditWindow(slots: 1, creditsMax: 10);
        window.Grant();
        Assert.Equal([2, 4, 8, 10], Sizes(window, 200));
    }

    [Fact]
    public void One_long_attempt_ends_the_prefetching_at_once()
    {
        var window = new CreditWindow(slots: 2, creditsMax: 1024);
        window.Grant();
        _ = Sizes(window, 1000).ToList();
        window.Settled(Long);
        Assert.Equal(2, window.Size);
        Assert.Equal(0, window.Grant());
    }

    [Fact]
    public void Long_attempts_get_one_credit_for_each_slot_and_no_more()
    {
        var window = new CreditWindow(slots: 2, creditsMax: 1024);
        window.Grant();
        for (var n = 0; n < 100; n++)
        {
            window.Settled(Long);
            Assert.Equal(1, window.Grant());
        }
    }

    [Fact]
    public void What_is_outstanding_above_the_size_is_not_given_again()
    {
        var window = new CreditWindow(slots: 1, creditsMax: 4);
        window.Grant();
        _ = Sizes(window, 100).ToList();
        window.Shrink();
        window.Released();
        window.Released();
        window.Released();
        Assert.Equal(0, window.Grant());
        window.Released();
        Assert.Equal(1, window.Grant());
    }

    private static IEnumerable<int> Sizes(CreditWindow window, int attempts)
    {
        var size = window.Size;
        for (var n = 0; n < attempts; n++)
        {
            window.Settled(Short);
            window.Grant();
            if (window.Size == size)
                continue;
            size = window.Size;
            yield return size;
        }
    }
}
