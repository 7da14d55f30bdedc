namespace Queued.Broker.Tests.Structures;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(9, 256)]
    [InlineData(10, 300)]
    [InlineData(1000, 300)]
    public void Delay_doubles_up_to_its_maximum(int failed, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryPlan.Default.BackoffAfter(failed));

    [Fact]
    public void Huge_factors_do_not_overflow()
    {
        var plan = RetryPlan.Default.With(new RetrySettings { Multiplier = 100, MaxBackoff = TimeSpan.FromDays(30) });
        Assert.Equal(TimeSpan.FromDays(30), plan.BackoffAfter(1000));
    }

    [Fact]
    public void A_delay_of_nothing_stays_nothing()
    {
        var plan = RetryPlan.Default.With(new RetrySettings { InitialBackoff = TimeSpan.Zero });
        Assert.Equal(TimeSpan.Zero, plan.BackoffAfter(5));
    }

    [Fact]
    public void What_is_not_given_is_taken_from_the_queue_field_by_field()
    {
        var queue = RetryPlan.Default.With(new RetrySettings { MaxAttempts = 7, Jitter = 0 });
        var task = queue.With(new RetrySettings { MaxDeliveries = 9 });
        Assert.Equal((7, 9, 0.0), (task.MaxAttempts, task.MaxDeliveries, task.Jitter));
    }
}
