using Queued.Broker.Tests.Simulation;

namespace Queued.Broker.Tests.Structures;

/// <summary>The ready order against a sorted list, under random work over all priorities.</summary>
public sealed class ReadyTasksTests
{
    private readonly QueueEntry _queue = new("q", new LatestTerms());
    private ulong _latest;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Tasks_stand_by_their_priority_and_then_by_their_number(ulong seed, bool isLifo)
    {
        var random = new SimRandom(seed);
        var ready = new ReadyTasks { IsLifo = isLifo };
        var list = new List<TaskEntry>();
        var left = new List<TaskEntry>();
        for (var step = 0; step < 5000; step++)
        {
            var shrinks = random.Chance(step % 1000 < 500 ? 0.3 : 0.7);
            if (shrinks && list.Count > 0)
            {
                var task = random.Chance(0.5) ? ready.Peek()! : random.Pick(list);
                ready.Remove(task);
                list.Remove(task);
                left.Add(task);
            }
            else if (left.Count > 0 && random.Chance(0.3))
            {
                var task = random.Pick(left);
                ready.Return(task);
                left.Remove(task);
                list.Add(task);
            }
            else
            {
                // At first there is one priority, and then its neighbours, and then all.
                var most = step < 100 ? 0 : step < 1000 ? 2 : 127;
                var task = Task(random.Between(-most, most) - (most == 127 && random.Chance(0.1) ? 1 : 0), isLifo);
                ready.Append(task);
                list.Add(task);
            }

            var order = list.OrderByDescending(task => task.Priority).ThenBy(task => task.Order);
            Assert.Equal(list.Count, ready.Count);
            Assert.Same(order.FirstOrDefault(), ready.Peek());
            if (step % 100 != 0) continue;
            var lowest = list.OrderBy(task => task.Priority).ThenBy(task => task.Order).FirstOrDefault();
            Assert.Same(lowest, ready.Peek(lowest: true));
            Assert.Equal(order, ready.InOrder);
            Assert.Equal(list.ToHashSet(), ready.All.ToHashSet());
        }
    }

    [Fact]
    public void The_highest_and_the_lowest_of_all_priorities_are_found()
    {
        var ready = new ReadyTasks();
        for (var priority = -128; priority <= 127; priority++) ready.Append(Task(priority));
        for (var priority = 127; priority >= -128; priority--)
        {
            Assert.Equal(-128, ready.Peek(lowest: true)!.Priority);
            Assert.Equal(priority, ready.Peek()!.Priority);
            ready.Remove(ready.Peek()!);
        }

        Assert.Null(ready.Peek());
        Assert.Null(ready.Oldest());
    }

    [Fact]
    public void The_oldest_is_found_over_all_priorities()
    {
        var ready = new ReadyTasks();
        var oldest = Task(-5);
        ready.Append(oldest);
        ready.Append(Task(7));

        Assert.Same(oldest, ready.Oldest());
    }

    [Fact]
    public void A_task_that_is_not_ready_cannot_be_removed()
    {
        var ready = new ReadyTasks();
        ready.Append(Task(1));
        Assert.Throws<InvariantException>(() => ready.Remove(Task(2)));
        ready.Append(Task(3));
        Assert.Throws<InvariantException>(() => ready.Remove(Task(2)));
        Assert.Equal(2, ready.Count);
    }

    private TaskEntry Task(int priority, bool isLifo = false)
    {
        _latest++;
        var submission = new TaskSubmission { Handler = "h", Priority = priority };
        return new TaskEntry(new TaskId(_latest), _queue, submission, DateTimeOffset.UnixEpoch)
        {
            Order = isLifo ? ~_latest : _latest,
        };
    }
}
