using Queued.Broker.Tests.Simulation;

namespace Queued.Broker.Tests.Structures;

/// <summary>The heap against a sorted list, under random work.</summary>
public sealed class IndexedHeapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Heap_gives_the_same_first_as_a_sorted_list(ulong seed)
    {
        var random = new SimRandom(seed);
        var heap = new IndexedHeap<Item, Item.ByRank>();
        var list = new List<Item>();
        for (var step = 0; step < 20_000; step++)
        {
            var shrinks = random.Chance(step % 2000 < 1000 ? 0.3 : 0.7);
            if (!shrinks || list.Count == 0)
            {
                var item = new Item { Rank = random.Below(50) };
                heap.Add(item);
                list.Add(item);
            }
            else
            {
                var item = random.Chance(0.5) ? heap.First! : random.Pick(list);
                heap.Remove(item);
                list.Remove(item);
            }

            Assert.Equal(list.Count, heap.Count);
            Assert.Equal(list.Count == 0 ? null : list.Min(one => one.Rank), heap.First?.Rank);
        }

        Assert.Equal(list.Count, heap.Items.ToArray().Distinct().Count());
    }

    private sealed class Item
    {
        private int _place;

        public int Rank { get; init; }

        internal readonly struct ByRank : IHeapOrder<Item>
        {
            public static bool IsBefore(Item left, Item right) => left.Rank < right.Rank;

            public static ref int Place(Item item) => ref item._place;
        }
    }
}
